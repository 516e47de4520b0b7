s|^  /etc/x:|  /etc/b:|
s|^  /etc/y:|  /etc/a:|
s|^  /etc/z: {|  /etc/c: {mode: 0600, |
s|hello|hel_lo|
s|{link: motd}|{link: "a\|b<c"}|
s|^  /etc/noted:|  /etc/nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn:|
