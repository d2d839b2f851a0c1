./kept
