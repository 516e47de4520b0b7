s/hello\\n/hello\\nyou\\n/
