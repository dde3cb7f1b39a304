webby:
  lookup: {service: {name: webbyd}}
  config: {workers: 8, listen: [80, 443]}
  sites:
    one: {enabled: true}
    two: {enabled: false, port: 8080}
