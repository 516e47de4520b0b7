s/^  data:/  more:/
