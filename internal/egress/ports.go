package egress

// internalPorts are the ports from 1024 up that no webhook goes to, because a service that trusts its network listens
// there by habit. All are below 32768, where Linux begins to give out ports by chance.
var internalPorts = [...]struct {
	from, to uint16
	service  string
}{
	{1433, 1434, "SQL Server"},
	{1521, 1521, "Oracle Database"},
	{2049, 2049, "NFS"},
	{2181, 2181, "ZooKeeper"},
	{2375, 2377, "Docker"},
	{2379, 2380, "etcd"},
	{3306, 3306, "MySQL"},
	{3389, 3389, "Remote Desktop"},
	{4369, 4369, "the Erlang port mapper"},
	{5432, 5432, "PostgreSQL"},
	{5672, 5672, "AMQP"},
	{5900, 5909, "VNC"},
	{5984, 5984, "CouchDB"},
	{5985, 5986, "Windows Remote Management"},
	{6000, 6063, "X11"},
	{6379, 6379, "Redis"},
	{6443, 6443, "the Kubernetes API"},
	{7000, 7001, "Cassandra"},
	{8086, 8086, "InfluxDB"},
	{8200, 8200, "Vault"},
	{8300, 8302, "Consul"},
	{8500, 8502, "Consul"},
	{9042, 9042, "Cassandra"},
	{9092, 9092, "Kafka"},
	{9200, 9200, "Elasticsearch"},
	{9300, 9300, "Elasticsearch"},
	{10250, 10259, "Kubernetes nodes"},
	{11211, 11211, "memcached"},
	{15672, 15672, "RabbitMQ"},
	{26379, 26379, "Redis Sentinel"},
	{27017, 27019, "MongoDB"},
	{28017, 28017, "MongoDB"},
}
