x: {test.nop: [{words: "{{ opts["__cli"] }} {{ opts.get("local") }} {{ opts["__role"] }} {{ opts["file_client"] }}"}]}
