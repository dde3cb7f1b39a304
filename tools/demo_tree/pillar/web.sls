web:
  port: 8080
  workers: 2
  sites:
    shop:
      domain: shop.example.com
      title: The shop of {{ grains['id'] }}
    blog:
      domain: blog.example.com
      title: What {{ grains['id'] }} thinks
