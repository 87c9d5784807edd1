import cluster from 'node:cluster'

/** Forks two servers that share a port: what a setting for several processes would do, without one set of metrics and one shutdown. */
cluster.setupPrimary({ exec: process.argv[2] ?? '', args: [] })
for (let fork = 0; fork < 2; fork++) cluster.fork()
