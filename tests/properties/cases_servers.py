"""Cases of the states that speak to a server, each of which has a server of the tests."""

from __future__ import annotations

from typing import Any

from trials import FAILS, NOTHING, case, none_of

EARLIER = "an earlier state may make what lacks"
RAN = "it is run each time that it is called"

DB = {"name": "shop"}
SQL_USER = {"name": "eve", "password": "x"}
SQL_GRANT = {"name": "g", "user": "eve", "grant": "SELECT", "database": "shop.*"}
MYSQL = [
    case("mysql_database.present", "shop", character_set="utf8mb4"),
    case("mysql_database.present", "shop", first=(("mysql_database.present", DB),), does=NOTHING),
    case("mysql_database.absent", "shop", first=(("mysql_database.present", DB),)),
    case("mysql_database.absent", "nosuch", does=NOTHING),
    case("mysql_user.present", "eve", password="x"),
    case("mysql_user.present", "eve", first=(("mysql_user.present", SQL_USER),), password="x", does=NOTHING),
    case("mysql_user.present", "eve", first=(("mysql_user.present", SQL_USER),), password="y", label="password"),
    case("mysql_user.absent", "eve", first=(("mysql_user.present", SQL_USER),)),
    case("mysql_user.absent", "nosuch", does=NOTHING),
    case("mysql_grants.present", "g", user="eve", grant="SELECT", database="shop.*",
         first=(("mysql_database.present", DB), ("mysql_user.present", SQL_USER))),
    case("mysql_grants.present", "g", user="eve", grant="SELECT", database="shop.*", does=NOTHING,
         first=(("mysql_database.present", DB), ("mysql_user.present", SQL_USER), ("mysql_grants.present", SQL_GRANT))),
    case("mysql_grants.absent", "g", user="eve", grant="SELECT", database="shop.*",
         first=(("mysql_database.present", DB), ("mysql_user.present", SQL_USER), ("mysql_grants.present", SQL_GRANT))),
    case("mysql_grants.absent", "g", user="eve", grant="SELECT", database="shop.*", does=NOTHING),
    case("mysql_query.run", "q", database="salt", query="SELECT 1", repeats=RAN, unseen="it only asks"),
    case("mysql_query.run", "q", database="salt", query="SELECT 1", output="@WORK@/out", overwrite=False, label="kept"),
    case("mysql_query.run", "q", database="nosuch", query="SELECT 1", does=FAILS, unsure=EARLIER),
    case("mysql_query.run_file", "q", "echo 'SELECT 1;' > q.sql", database="salt", query_file="@WORK@/q.sql",
         repeats=RAN, unseen="it only asks"),
]  # fmt: skip

PG_DB = ("postgres_database.present", {"name": "shop"})
PG_USER = ("postgres_user.present", {"name": "eve", "password": "x", "encrypted": "scram-sha-256"})
PG_SCHEMA = ("postgres_schema.present", {"name": "wares", "dbname": "shop"})
PG_GROUP = ("postgres_group.present", {"name": "staff"})
IN_SHOP = {"maintenance_db": "shop"}
MAY = {"object_name": "shop", "object_type": "database", "privileges": ["CREATE"]}
PLACE = {"directory": "@DATA@/space"}
POSTGRES = [
    case("postgres_database.present", "shop"),
    case("postgres_database.present", "shop", first=(PG_DB,), does=NOTHING),
    case("postgres_database.present", "shop", first=(PG_DB, PG_USER), owner="eve", label="owner"),
    case("postgres_database.absent", "shop", first=(PG_DB,)),
    case("postgres_database.absent", "nosuch", does=NOTHING),
    case("postgres_user.present", "eve", password="x"),
    case("postgres_user.present", "eve", first=(PG_USER,), superuser=True, label="superuser"),
    case("postgres_user.present", "eve", first=(PG_USER,), does=NOTHING),
    case("postgres_user.absent", "eve", first=(PG_USER,)),
    case("postgres_user.absent", "nosuch", does=NOTHING),
    case("postgres_group.present", "staff"),
    case("postgres_group.present", "staff", first=(PG_GROUP,), does=NOTHING),
    case("postgres_group.absent", "staff", first=(PG_GROUP,)),
    case("postgres_group.absent", "nosuch", does=NOTHING),
    case("postgres_extension.present", "citext", first=(PG_DB,), **IN_SHOP),
    case("postgres_extension.present", "plpgsql", first=(PG_DB,), does=NOTHING, **IN_SHOP),
    case("postgres_extension.absent", "citext", **IN_SHOP,
         first=(PG_DB, ("postgres_extension.present", {"name": "citext", **IN_SHOP}))),
    case("postgres_extension.absent", "citext", first=(PG_DB,), does=NOTHING, **IN_SHOP),
    case("postgres_schema.present", "wares", dbname="shop", first=(PG_DB,)),
    case("postgres_schema.present", "public", dbname="shop", first=(PG_DB,), does=NOTHING),
    case("postgres_schema.absent", "wares", dbname="shop", first=(PG_DB, PG_SCHEMA)),
    case("postgres_schema.absent", "wares", dbname="shop", first=(PG_DB,), does=NOTHING),
    case("postgres_language.present", "plpgsql", first=(PG_DB,), does=NOTHING, **IN_SHOP),
    case("postgres_language.absent", "nosuch", first=(PG_DB,), does=NOTHING, **IN_SHOP),
    case("postgres_privileges.present", "eve", first=(PG_DB, PG_USER), **MAY),
    case("postgres_privileges.present", "eve", **MAY, does=NOTHING,
         first=(PG_DB, PG_USER, ("postgres_privileges.present", {"name": "eve", **MAY}))),
    case("postgres_privileges.absent", "eve", **MAY,
         first=(PG_DB, PG_USER, ("postgres_privileges.present", {"name": "eve", **MAY}))),
    case("postgres_privileges.absent", "eve", first=(PG_DB, PG_USER), does=NOTHING, **MAY),
    case("postgres_tablespace.present", "space", **PLACE),
    case("postgres_tablespace.present", "pg_default", directory="", does=NOTHING),
    case("postgres_tablespace.absent", "space", first=(("postgres_tablespace.present", {"name": "space", **PLACE}),)),
    case("postgres_tablespace.absent", "nosuch", does=NOTHING),
    case("postgres_initdb.present", "@DATA@/main", user="boss", password="x", auth="password", runas="@RUNAS@"),
    case("postgres_initdb.present", "/proc/none", runas="@RUNAS@", does=FAILS, unsure=EARLIER),
]  # fmt: skip
CLEAN_POSTGRES = (
    "DROP DATABASE IF EXISTS shop", "DROP TABLESPACE IF EXISTS space", "DROP ROLE IF EXISTS eve",
    "DROP ROLE IF EXISTS staff",
)  # fmt: skip

STRING = ("redis.string", {"name": "k", "value": "v"})
REDIS = [
    case("redis.string", "k", value="v"),
    case("redis.string", "k", first=(STRING,), value="v", does=NOTHING),
    case("redis.string", "k", first=(STRING,), value="w", expire=500, label="expires"),
    case("redis.absent", "k", first=(STRING,)),
    case("redis.absent", "nosuch", does=NOTHING),
    case("redis.slaveof", "nosuch", sentinel_host="127.0.0.1", sentinel_port=1, does=FAILS),
]  # fmt: skip

CONF: dict[str, Any] = {"conf_file": "@WORK@/sv.conf"}
NEW_PROGRAM = "printf '[program:five]\\ncommand=/bin/sleep 1000\\nstartsecs=0\\n' > conf.d/five.conf"
SUPERVISORD = [
    case("supervisord.running", "two", **CONF),
    case("supervisord.running", "one", does=NOTHING, **CONF),
    case("supervisord.running", "one", restart=True, repeats="it restarts each time", label="restart", **CONF),
    case("supervisord.running", "five", NEW_PROGRAM, label="new", **CONF),
    case("supervisord.running", "nosuch", does=FAILS, unsure=EARLIER, **CONF),
    case("supervisord.dead", "one", **CONF),
    case("supervisord.dead", "two", does=NOTHING, **CONF),
    case("supervisord.mod_watch", "one", repeats="it restarts each time", sfun="running", **CONF),
]  # fmt: skip

IMAGE = ("docker_image.present", {"name": "busybox"})
WEB = {"name": "web", "image": "site/web:1.0", "cmd": "serve"}
RUNNING = ("docker_container.running", WEB)
LAYERS = "the layers of an image are known when it is pulled"
DOCKER = [
    case("docker_image.present", "busybox", foretells=none_of),
    case("docker_image.present", "busybox", first=(IMAGE,), does=NOTHING),
    case("docker_image.present", "nosuch", does=FAILS, unsure=LAYERS),
    case("docker_image.absent", "busybox:latest", first=(IMAGE,), foretells=none_of),
    case("docker_image.absent", "busybox:latest", does=NOTHING),
    case("docker_container.running", "web", first=(("docker_image.present", {"name": "site/web:1.0"}),),
         image="site/web:1.0", cmd="serve"),
    case("docker_container.running", "web", first=(RUNNING,), image="site/web:1.0", cmd="serve", does=NOTHING),
    case("docker_container.running", "web", first=(RUNNING,), image="site/web:1.0", cmd="serve",
         environment={"A": 1}, label="changed"),
    case("docker_container.stopped", "web", first=(RUNNING,)),
    case("docker_container.stopped", "web", first=(RUNNING, ("docker_container.stopped", {"name": "web"})),
         does=NOTHING),
    case("docker_container.absent", "web", first=(RUNNING,), force=True),
    case("docker_container.absent", "web", first=(RUNNING,), does=FAILS),
    case("docker_container.absent", "nosuch", does=NOTHING),
    case("docker_network.present", "net"),
    case("docker_network.present", "net", first=(("docker_network.present", {"name": "net"}),), does=NOTHING),
    case("docker_network.absent", "net", first=(("docker_network.present", {"name": "net"}),)),
    case("docker_network.absent", "net", does=NOTHING),
    case("docker_volume.present", "data", foretells=none_of),
    case("docker_volume.present", "data", first=(("docker_volume.present", {"name": "data"}),), does=NOTHING),
    case("docker_volume.absent", "data", first=(("docker_volume.present", {"name": "data"}),)),
    case("docker_volume.absent", "data", does=NOTHING),
]  # fmt: skip

HTTP = [
    case("firewall.check", "127.0.0.1", port=1, does=FAILS, unsure="no connection is made in a dry run"),
    case("http.query", "@URL@/ok", status=200, does=NOTHING, unsure="nothing is asked in a dry run"),
    case("http.query", "@URL@/none", status=200, does=FAILS, unsure="nothing is asked in a dry run"),
    case("http.wait_for_successful_query", "@URL@/ok", status=200, wait_for=5, does=NOTHING,
         unsure="nothing is asked in a dry run"),
    case("loop.until", "test.echo", m_args=["a"], condition="m_ret == 'a'", does=NOTHING,
         unsure="nothing is called in a dry run"),
]  # fmt: skip

VENV = {"bin_env": "@VENV@"}
OLD_PIP = ("pip.installed", {"name": "tru-pkg==1.0", **VENV})
PIP = [
    case("pip.installed", "tru-pkg", foretells=none_of, **VENV),
    case("pip.installed", "tru-pkg==1.0", first=(OLD_PIP,), does=NOTHING, **VENV),
    case("pip.installed", "tru-pkg==1.1", first=(OLD_PIP,), label="newer", foretells=none_of, **VENV),
    case("pip.removed", "tru-pkg", first=(OLD_PIP,), foretells=none_of, **VENV),
    case("pip.removed", "tru-pkg", does=NOTHING, **VENV),
    case("pip.uptodate", "x", first=(OLD_PIP,), foretells=none_of, **VENV),
    case("virtualenv.managed", "@WORK@/env", venv_bin="venv", foretells=none_of),
    case("virtualenv.manage", "@WORK@/env", venv_bin="venv", foretells=none_of),
    case("virtualenv.managed", "@WORK@/env", venv_bin="venv", does=NOTHING,
         first=(("virtualenv.managed", {"name": "@WORK@/env", "venv_bin": "venv"}),)),
]  # fmt: skip

APP = 'mkdir app; echo \'{"name": "app", "version": "0.0.1"}\' > app/package.json; '
NEEDY = (
    'mkdir app; echo \'{"name": "app", "version": "0.0.1", "dependencies": {"one": "^1.0.0"}}\' > app/package.json; '
)
ONE = ("npm.installed", {"name": "one@1.0.0", "dir": "@WORK@/app"})
NPM = [
    case("npm.installed", "one@1.0.0", APP, dir="@WORK@/app"),
    case("npm.installed", "one", APP, first=(ONE,), dir="@WORK@/app", does=NOTHING),
    case("npm.removed", "one", APP, first=(ONE,), dir="@WORK@/app"),
    case("npm.removed", "one", APP, dir="@WORK@/app", does=NOTHING),
    case("npm.bootstrap", "@WORK@/app", NEEDY),
    case("npm.bootstrap", "@WORK@/app", NEEDY, first=(("npm.bootstrap", {"name": "@WORK@/app"}),), does=NOTHING),
    case("npm.cache_cleaned", "one", force=True, does=NOTHING),
]  # fmt: skip

HOME = {"gnupghome": "@WORK@/keys"}
ANN = {"source": "salt://ann.asc", "skip_keyserver": True, **HOME}
KEYS = "mkdir -m 700 keys; cp @ANN@ @BASE@/ann.asc"
GPG = [
    case("gpg.present", "@KEYID@", KEYS, **ANN),
    case("gpg.present", "@KEYID@", KEYS, first=(("gpg.present", {"name": "@KEYID@", **ANN}),), does=NOTHING, **ANN),
    case("gpg.present", "ABCDABCDABCDABCD", KEYS, does=FAILS, unsure="nothing is fetched in a dry run", **ANN),
    case("gpg.absent", "@KEYID@", KEYS, first=(("gpg.present", {"name": "@KEYID@", **ANN}),), **HOME),
    case("gpg.absent", "@KEYID@", KEYS, does=NOTHING, **HOME),
]  # fmt: skip

PLAIN = {"activate": "n", "zero": "n", "wipesignatures": "n"}
VOLUME = {"vgname": "trial", "size": "8M", **PLAIN}
PV = ("lvm.pv_present", {"name": "@DEVICE@"})
VG = ("lvm.vg_present", {"name": "trial", "devices": "@DEVICE@"})
LV = ("lvm.lv_present", {"name": "one", **VOLUME})
LVM = [
    case("lvm.pv_present", "@DEVICE@", foretells=none_of),
    case("lvm.pv_present", "@DEVICE@", first=(PV,), does=NOTHING),
    case("lvm.pv_absent", "@DEVICE@", first=(PV,), foretells=none_of),
    case("lvm.pv_absent", "@DEVICE@", does=NOTHING),
    case("lvm.vg_present", "trial", devices="@DEVICE@", first=(PV,), foretells=none_of),
    case("lvm.vg_present", "trial", devices="@DEVICE@", first=(PV, VG), does=NOTHING),
    case("lvm.vg_absent", "trial", first=(PV, VG), foretells=none_of),
    case("lvm.vg_absent", "trial", does=NOTHING),
    case("lvm.lv_present", "one", first=(PV, VG), foretells=none_of, **VOLUME),
    case("lvm.lv_present", "one", first=(PV, VG, LV), does=NOTHING, **VOLUME),
    case("lvm.lv_absent", "one", first=(PV, VG, LV), vgname="trial", foretells=none_of),
    case("lvm.lv_absent", "one", first=(PV, VG), vgname="trial", does=NOTHING),
]  # fmt: skip

FIREWALLD = [
    case("firewalld.present", "fresh", services=["ssh"], masquerade=True),
    case("firewalld.present", "public", services=["ssh"], does=NOTHING),
    case("firewalld.service", "trial", ports=["8080/tcp"]),
    case("firewalld.service", "ssh", ports=["22/tcp"], does=NOTHING),
]  # fmt: skip
ALLOWED = "ufw allow 22/tcp; "
ENABLED = "ufw --force enable; "
UFW = [
    case("ufw.enabled", "on"),
    case("ufw.enabled", "on", ENABLED, does=NOTHING),
    case("ufw.disabled", "off", ENABLED),
    case("ufw.disabled", "off", does=NOTHING),
    case("ufw.default", "x", ENABLED, incoming="reject", routed="allow", outgoing="allow"),
    case("ufw.default", "x", incoming="deny", outgoing="deny", label="inactive"),
    case("ufw.default", "x", incoming="deny", outgoing="allow", does=NOTHING),
    case("ufw.default", "x", incoming="drop", does=FAILS),
    case("ufw.logging", "x", ENABLED, level="medium"),
    case("ufw.logging", "off"),
    case("ufw.logging", "x", "ufw logging off", level=True, label="on"),
    case("ufw.logging", "on", "ufw logging high", does=NOTHING),
    case("ufw.logging", "loud", does=FAILS),
    case("ufw.allowed", "22/tcp"),
    case("ufw.allowed", "22/tcp", ENABLED, label="active"),
    case("ufw.allowed", "22/tcp", ALLOWED, does=NOTHING),
    case("ufw.allowed", "22/tcp", ENABLED + ALLOWED, comment="the way in", label="commented"),
    case("ufw.allowed", "web", ENABLED + ALLOWED, label="first",
         rule="insert 1 from 10.0.0.0/8 to any port 80,443 proto tcp"),
    case("ufw.allowed", "web", "ufw deny 80; " + ALLOWED, rule="prepend 80", label="replaced"),
    case("ufw.allowed", "web", rule="insert 9 80/tcp", does=FAILS, label="no-such-place"),
    case("ufw.allowed", "web", app="WWW Full", from_="10.0.0.0/8"),
    case("ufw.allowed", "web", app="No Such", does=FAILS, label="no-such-profile",
         unsure="an earlier state may install it"),
    case("ufw.allowed", "gate", rule="route allow in on eth0 out on eth1 from 10.0.0.0/8", label="routed"),
    case("ufw.allowed", "six", from_="2001:db8::/32", port=[80, 443], proto="tcp", label="six"),
    case("ufw.denied", "22/tcp", ENABLED + ALLOWED),
    case("ufw.denied", "22/tcp", ALLOWED + "ufw delete allow 22/tcp; ufw deny 22/tcp", does=NOTHING),
    case("ufw.denied", "x", from_="nowhere", does=FAILS),
    case("ufw.rejected", "x", ENABLED, port=25, proto="tcp", direction="out"),
    case("ufw.rejected", "x", "ufw reject out 25/tcp", port="25/tcp", direction="out", does=NOTHING),
    case("ufw.limited", "ssh", ENABLED),
    case("ufw.limited", "ssh", "ufw limit 22/tcp", does=NOTHING),
    case("ufw.limited", "x", interface="eth0", from_="2001:db8::1", port="22/tcp", label="six"),
    case("ufw.absent", "allow 22/tcp", ENABLED + "ufw allow 22/tcp comment 'the way in'"),
    case("ufw.absent", "allow 22/tcp", does=NOTHING),
    case("ufw.absent", "allow 22/tcp", "ufw deny 22/tcp", does=NOTHING, label="another-action"),
    case("ufw.absent", "22", "for port in 1 2 3; do ufw allow $port; done; ufw allow 22", action="allow", label="port"),
    case("ufw.absent", "x", "ufw limit ssh; ufw limit from 2001:db8::1", action="limit", from_="2001:db8::1"),
    case("ufw.absent", "allow 'WWW Full'", "ufw allow 'WWW Full'; rm /etc/ufw/applications.d/ufw-webserver",
         label="no-profile"),
    case("ufw.absent", "22/tcp", does=FAILS),
]  # fmt: skip
FORMATTED = ("blockdev.formatted", {"name": "@DEVICE@", "fs_type": "ext4"})
BLOCKDEV = [
    case("blockdev.formatted", "@DEVICE@", fs_type="ext4"),
    case("blockdev.formatted", "@DEVICE@", first=(FORMATTED,), fs_type="ext4", does=NOTHING),
    case("blockdev.formatted", "@DEVICE@", first=(FORMATTED,), fs_type="ext3", does=FAILS),
    case("blockdev.formatted", "/dev/nosuch", fs_type="ext4", does=FAILS),
    case("blockdev.tuned", "@DEVICE@", **{"read-ahead": 64}, unseen="the kernel keeps it"),
    case("blockdev.tuned", "/dev/nosuch", **{"read-ahead": 64}, does=FAILS),
]  # fmt: skip

GEM_SPEC = (
    'Gem::Specification.new {|s| s.name="trial-gem"; s.version="1.0"; s.summary="x"; s.authors=["a"]; s.files=[] }'
)
A_GEM = f"echo '{GEM_SPEC}' > t.gemspec; gem build t.gemspec"
A_GEM_IS_THERE = f"{A_GEM}; gem install --local trial-gem-1.0.gem"
RUBYGEMS = "https://rubygems.org/"
GEM = [
    case("gem.installed", "@WORK@/trial-gem-1.0.gem", A_GEM),
    case("gem.installed", "trial-gem", A_GEM_IS_THERE, version=">=0.9", does=NOTHING),
    case("gem.removed", "trial-gem", A_GEM_IS_THERE),
    case("gem.removed", "nosuch-gem", does=NOTHING),
    case("gem.sources_add", RUBYGEMS, does=NOTHING),
    case("gem.sources_remove", RUBYGEMS),
    case("gem.sources_remove", "https://example.com/", does=NOTHING),
]  # fmt: skip

RABBIT_USER = {"name": "eve", "password": "x", "tags": ["monitoring"], "perms": [{"/": ["a", "b", "c"]}]}
RABBIT_POLICY = {"name": "short", "pattern": "^a", "definition": '{"max-length": 5}'}
FEDERATION = ("rabbitmq_plugin.enabled", {"name": "rabbitmq_federation"})
UPSTREAM = ("rabbitmq_upstream.present", {"name": "up", "uri": "amqp://localhost"})
RABBITMQ = [
    case("rabbitmq_user.present", "eve", password="x", tags="monitoring", perms=[{"/": ["a", "b", "c"]}]),
    case("rabbitmq_user.present", "eve", first=(("rabbitmq_user.present", RABBIT_USER),), password="y",
         tags=["management"], perms=[{"/": ["a", "b", "d"]}], label="all"),
    case("rabbitmq_user.absent", "eve", first=(("rabbitmq_user.present", RABBIT_USER),)),
    case("rabbitmq_vhost.present", "shop"),
    case("rabbitmq_vhost.absent", "shop", first=(("rabbitmq_vhost.present", {"name": "shop"}),)),
    case("rabbitmq_policy.present", "short", pattern="^a", definition='{"max-length": 5}', apply_to="queues"),
    case("rabbitmq_policy.present", "short", pattern="^b", definition={"max-length": 6}, priority=2, label="other",
         first=(("rabbitmq_policy.present", {**RABBIT_POLICY, "apply_to": "queues"}),)),
    case("rabbitmq_policy.absent", "short", first=(("rabbitmq_policy.present", RABBIT_POLICY),)),
    case("rabbitmq_plugin.enabled", "rabbitmq_event_exchange"),
    case("rabbitmq_plugin.disabled", "rabbitmq_federation", first=(FEDERATION,)),
    case("rabbitmq_upstream.present", "up", first=(FEDERATION, UPSTREAM), uri=["amqp://u:p@localhost"], label="uris"),
    case("rabbitmq_upstream.absent", "up", first=(FEDERATION, UPSTREAM)),
    case("rabbitmq_cluster.joined", "c", host="localhost", user="@NODE@", runas=None, does=NOTHING),
    case("rabbitmq_cluster.join", "c", host="localhost", user="@NODE@", runas=None, does=NOTHING),
]  # fmt: skip

QUOTA_ON = ("quota.mode", {"name": "/mnt", "mode": True, "quotatype": "user"})
QUOTA = [
    case("quota.mode", "/mnt", mode=True, quotatype="user"),
    case("quota.mode", "/mnt", mode="off", quotatype="user", first=(QUOTA_ON,), label="off"),
    case("quota.mode", "/mnt", mode="off", quotatype="group", does=NOTHING),
    case("quota.mode", "/nosuch", mode="on", quotatype="group", does=FAILS),
]  # fmt: skip

OF_THE_WEB = {"sel_type": "httpd_sys_content_t"}
CONTEXT = ("selinux.fcontext_policy_present", {"name": "/srv/q(/.*)?", **OF_THE_WEB})
PORT = ("selinux.port_policy_present", {"name": "udp/8099", "sel_type": "http_port_t"})
SELINUX = [
    case("selinux.mode", "disabled"),
    case("selinux.mode", "nonsense", does=FAILS),
    case("selinux.boolean", "httpd_enable_homedirs", value=True, persist=True),
    case("selinux.boolean", "nosuch", value=True, does=FAILS),
    case("selinux.module", "extra", module_state="disabled"),
    case("selinux.module", "extra", module_state="enabled", does=NOTHING),
    case("selinux.module_install", "@WORK@/more.cil"),
    case("selinux.module_remove", "extra", repeats="a module that is not there is a failure"),
    case("selinux.fcontext_policy_present", "/srv/q(/.*)?", **OF_THE_WEB),
    case("selinux.fcontext_policy_present", "/srv/q(/.*)?", first=(CONTEXT,), does=NOTHING, **OF_THE_WEB),
    case("selinux.fcontext_policy_absent", "/srv/q(/.*)?", first=(CONTEXT,)),
    case("selinux.fcontext_policy_applied", "@WORK@/nosuch", does=NOTHING),
    case("selinux.port_policy_present", "udp/8099", sel_type="http_port_t"),
    case("selinux.port_policy_absent", "udp/8099", first=(PORT,)),
    case("selinux.port_policy_absent", "tcp/80", does=FAILS),
]  # fmt: skip

CASES = [
    *MYSQL,
    *POSTGRES,
    *REDIS,
    *SUPERVISORD,
    *DOCKER,
    *HTTP,
    *PIP,
    *NPM,
    *GPG,
    *LVM,
    *FIREWALLD,
    *UFW,
    *RABBITMQ,
    *QUOTA,
    *BLOCKDEV,
    *GEM,
    *SELINUX,
]
