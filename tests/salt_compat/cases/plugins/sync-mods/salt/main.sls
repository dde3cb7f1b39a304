a: {own.told: [{text: "{{ salt['own.word']() }}"}]}
