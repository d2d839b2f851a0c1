./owners
