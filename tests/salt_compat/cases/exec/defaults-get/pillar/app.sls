app: {port: 8080, extra: 1}
