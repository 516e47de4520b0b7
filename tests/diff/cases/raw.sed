s/raw: blob/raw: base.yaml/
