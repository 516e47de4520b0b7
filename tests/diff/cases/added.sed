/other/a\  /etc/new: {content: "new\\n", mode: 0640}
