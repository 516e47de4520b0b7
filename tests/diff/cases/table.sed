s/, id: 0x11223344/, table: gpt/; s/1s/34s/
