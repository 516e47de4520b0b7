s|four|fo\\eur|
s|nlast|nlast\\n|
