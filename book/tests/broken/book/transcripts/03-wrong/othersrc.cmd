./older
