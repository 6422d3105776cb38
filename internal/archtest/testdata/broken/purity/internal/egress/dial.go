package egress

import "net"

func fine() { go net.Dial("tcp", "192.0.2.1:443") }
