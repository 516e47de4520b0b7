s,hardlink: /etc/motd,hardlink: /etc/other,
