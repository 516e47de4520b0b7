/issue/a\  /etc/one-more: {hardlink: /etc/motd}
