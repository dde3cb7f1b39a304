#!pyobjects
include('b')
with Pkg.installed("nginx"):
    Service.running("nginx", enable=True)
    with Service("nginx", "watch_in"):
        File.managed("/etc/nginx/x", user='root', source=['salt://a', 'b'])
File.managed("two", require=[Pkg("nginx"), Service("nginx")])
File.managed("three", watch=[{'pkg': 'nginx'}], names=['a', 'b'], require_in=File("two"))
Host.present("me", ip="127.0.0.9")
