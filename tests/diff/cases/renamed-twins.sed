s|^  /etc/x:|  /etc/b:|
s|^  /etc/y:|  /etc/a:|
s|^  /etc/z: {|  /etc/c: {mode: 0600, |
