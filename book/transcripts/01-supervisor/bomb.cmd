./bomb
