s/content: "hello/content: "hellO/
