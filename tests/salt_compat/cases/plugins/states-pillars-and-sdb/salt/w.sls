{{ salt["cond.arg"]("q") }}: {test.nop: []}
{{ salt.cond.yes() }}x: {test.nop: []}
