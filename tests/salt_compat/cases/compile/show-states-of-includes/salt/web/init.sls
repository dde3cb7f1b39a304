include: [.config, .service, base]
