s,hardlink: /etc/motd,content: "hello\\n",
