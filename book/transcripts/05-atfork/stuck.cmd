./stuck
