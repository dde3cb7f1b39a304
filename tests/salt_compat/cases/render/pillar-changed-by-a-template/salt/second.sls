include: [third]
{% do pillar.data.update(earlier=1) %}
second: {test.nop: [{pillar: {{ pillar | json }} }, {get: {{ salt["pillar.get"]("data") | json }} }]}
