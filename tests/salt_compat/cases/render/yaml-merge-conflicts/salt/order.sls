{% load_yaml as data %}
base: &base {a: 1, b: 2}
other: &other {c: 3, d: 4}
merged: {own: 0, <<: [*base, *other], b: 5}
two: {<<: *base, <<: *other}
{% endload %}
x: {test.nop: [{words: "{{ data }}"}]}
