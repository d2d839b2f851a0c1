int used;
int a;  //> nobody
int b;  //< nobody
int c;  //> open
int d;  //< closed
