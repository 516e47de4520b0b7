s/raw: blob/raw: blob, type: 0x41/
