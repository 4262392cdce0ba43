// SPDX-License-Identifier: Apache-2.0

// What Kubernetes' cloud provider does with a Service of type LoadBalancer,
// call by call and in its order, over the library that it uses, gophercloud.
//
// Run by test_gophercloud.py.  OS_AUTH_URL says where to log in; the first
// argument is a subnet's id and the others are addresses of nodes in it.
// Bodies are maps: a field that a release of gophercloud does not know yet is
// sent all the same.
package main

import (
	"fmt"
	"math"
	"os"
	"reflect"
	"time"

	"github.com/gophercloud/gophercloud"
	"github.com/gophercloud/gophercloud/openstack"
	"github.com/gophercloud/gophercloud/openstack/loadbalancer/v2/apiversions"
	"github.com/gophercloud/gophercloud/openstack/loadbalancer/v2/listeners"
	"github.com/gophercloud/gophercloud/openstack/loadbalancer/v2/loadbalancers"
	"github.com/gophercloud/gophercloud/openstack/loadbalancer/v2/monitors"
	"github.com/gophercloud/gophercloud/openstack/loadbalancer/v2/pools"
	"github.com/gophercloud/gophercloud/openstack/networking/v2/extensions/layer3/floatingips"
	"github.com/gophercloud/gophercloud/openstack/networking/v2/networks"
	"github.com/gophercloud/gophercloud/openstack/networking/v2/ports"
	"github.com/gophercloud/gophercloud/openstack/networking/v2/subnets"
)

const name = "kube_service_cluster_default_web"
const waitSeconds = 120

type fields = map[string]interface{}

// tree is a load balancer as it is created whole.
type tree fields

func (t tree) ToLoadBalancerCreateMap() (map[string]interface{}, error) {
	return fields{"loadbalancer": fields(t)}, nil
}

type monitor fields

func (m monitor) ToMonitorCreateMap() (map[string]interface{}, error) {
	return fields{"healthmonitor": fields(m)}, nil
}

// must ends the program unless the call went well.
func must(what string, err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
		os.Exit(1)
	}
}

// expect ends the program unless both are the same.
func expect(what string, got, want interface{}) {
	if !reflect.DeepEqual(got, want) {
		must(what, fmt.Errorf("%v, not %v", got, want))
	}
}

// nodes is what a batch of members says.
func nodes(subnet string, addresses []string, port int) []fields {
	members := []fields{}
	for _, address := range addresses {
		members = append(members, fields{
			"name": "node_" + address, "address": address,
			"protocol_port": port, "subnet_id": subnet})
	}
	return members
}

type story struct {
	lb, net   *gophercloud.ServiceClient
	subnet    string
	addresses []string
	id        string
	listener  string
	pool      string
}

// waitActive asks again after 1 s, 1.2 s, 1.44 s...
func (s *story) waitActive() {
	for step := 0; step < 19; step++ {
		lb, err := loadbalancers.Get(s.lb, s.id).Extract()
		must("GET load balancer", err)
		if lb.ProvisioningStatus == "ACTIVE" {
			return
		}
		time.Sleep(time.Duration(math.Pow(1.2, float64(step)) * 1e9))
	}
	must("wait", fmt.Errorf("not ACTIVE"))
}

func (s *story) put(path string, body fields, code int) {
	var answer fields
	var into interface{}
	if code == 200 {
		into = &answer
	}
	_, err := s.lb.Put(s.lb.ServiceURL(path), body, into,
		&gophercloud.RequestOpts{OkCodes: []int{code}})
	must("PUT "+path, err)
	s.waitActive()
}

func (s *story) look() {
	pages, err := apiversions.List(s.lb).AllPages()
	must("versions", err)
	versions, err := apiversions.ExtractAPIVersions(pages)
	must("versions", err)
	newest := ""
	for _, version := range versions {
		newest = version.ID
	}
	fmt.Println("newest version", newest)

	pages, err = networks.List(s.net, networks.ListOpts{}).AllPages()
	must("networks", err)
	found, err := networks.ExtractNetworks(pages)
	must("networks", err)
	expect("networks", len(found) > 0, true)
	subnet, err := subnets.Get(s.net, s.subnet).Extract()
	must("subnet", err)
	for _, address := range s.addresses {
		pages, err = ports.List(s.net, ports.ListOpts{
			FixedIPs: []ports.FixedIPOpts{{IPAddress: address,
				SubnetID: subnet.ID}}}).AllPages()
		must("ports", err)
		list, err := ports.ExtractPorts(pages)
		must("ports", err)
		expect("ports of "+address, len(list), 1)
		expect("address", list[0].FixedIPs[0].IPAddress, address)
	}
}

func (s *story) byName() []loadbalancers.LoadBalancer {
	pages, err := loadbalancers.List(s.lb,
		loadbalancers.ListOpts{Name: name}).AllPages()
	must("load balancers", err)
	found, err := loadbalancers.ExtractLoadBalancers(pages)
	must("load balancers", err)
	return found
}

func (s *story) create() {
	expect("before", len(s.byName()), 0)
	lb, err := loadbalancers.Create(s.lb, tree{
		"name": name, "vip_subnet_id": s.subnet, "provider": "ovn",
		"description": "Kubernetes external service",
		"tags":        []string{name},
		"listeners": []fields{{
			"name": "listener_0", "protocol": "TCP", "protocol_port": 80,
			"connection_limit": -1, "tags": []string{name},
			"default_pool": fields{
				"name": "pool_0", "protocol": "TCP",
				"lb_algorithm": "SOURCE_IP_PORT",
				"members":      nodes(s.subnet, s.addresses, 30080),
				"healthmonitor": fields{
					"type": "TCP", "delay": 5, "timeout": 3,
					"max_retries": 1, "max_retries_down": 3}}}},
	}).Extract()
	must("create", err)
	s.id = lb.ID
	s.waitActive()
	expect("after", len(s.byName()), 1)
}

func (s *story) read() {
	pages, err := listeners.List(s.lb,
		listeners.ListOpts{LoadbalancerID: s.id}).AllPages()
	must("listeners", err)
	ls, err := listeners.ExtractListeners(pages)
	must("listeners", err)
	expect("listeners", len(ls), 1)
	s.listener = ls[0].ID
	pages, err = pools.List(s.lb,
		pools.ListOpts{LoadbalancerID: s.id}).AllPages()
	must("pools", err)
	ps, err := pools.ExtractPools(pages)
	must("pools", err)
	expect("pools", len(ps), 1)
	s.pool = ps[0].ID
	expect("default pool", ls[0].DefaultPoolID, s.pool)
	expect("members", len(ps[0].Members), len(s.addresses))
}

func (s *story) update() {
	s.put("lbaas/listeners/"+s.listener, fields{"listener": fields{
		"tags": []string{name, "more"}, "connection_limit": -1,
		"insert_headers": fields{}, "default_tls_container_ref": ""}}, 200)
	s.put("lbaas/pools/"+s.pool+"/members", fields{
		"members": nodes(s.subnet, s.addresses[:1], 30081)}, 202)
	pages, err := pools.ListMembers(s.lb, s.pool,
		pools.ListMembersOpts{}).AllPages()
	must("members", err)
	members, err := pools.ExtractMembers(pages)
	must("members", err)
	expect("members", len(members), 1)
	expect("port", members[0].ProtocolPort, 30081)
	s.put("lbaas/pools/"+s.pool+"/members", fields{
		"members": nodes(s.subnet, s.addresses, 30081)}, 202)
}

func (s *story) health() {
	pages, err := monitors.List(s.lb,
		monitors.ListOpts{PoolID: s.pool}).AllPages()
	must("monitors", err)
	found, err := monitors.ExtractMonitors(pages)
	must("monitors", err)
	expect("monitors", len(found), 1)
	s.put("lbaas/healthmonitors/"+found[0].ID, fields{
		"healthmonitor": fields{"delay": 9}}, 200)
	must("DELETE monitor", monitors.Delete(s.lb, found[0].ID).ExtractErr())
	s.waitActive()
	_, err = monitors.Create(s.lb, monitor{"pool_id": s.pool, "type": "TCP",
		"delay": 5, "timeout": 3, "max_retries": 1}).Extract()
	must("POST monitor", err)
	s.waitActive()
}

func (s *story) external() {
	lb, err := loadbalancers.Get(s.lb, s.id).Extract()
	must("GET load balancer", err)
	pages, err := floatingips.List(s.net,
		floatingips.ListOpts{PortID: lb.VipPortID}).AllPages()
	must("floating IPs", err)
	found, err := floatingips.ExtractFloatingIPs(pages)
	must("floating IPs", err)
	expect("floating IPs", len(found), 0)
	s.put("lbaas/loadbalancers/"+s.id, fields{"loadbalancer": fields{
		"tags": []string{""}}}, 200)
}

func (s *story) remove() {
	must("DELETE", loadbalancers.Delete(s.lb, s.id,
		loadbalancers.DeleteOpts{Cascade: true}).ExtractErr())
	for end := time.Now().Add(waitSeconds * time.Second); ; {
		_, err := loadbalancers.Get(s.lb, s.id).Extract()
		if _, gone := err.(gophercloud.ErrDefault404); gone {
			return
		}
		must("GET", err)
		if time.Now().After(end) {
			must("delete", fmt.Errorf("still there"))
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func main() {
	options, err := openstack.AuthOptionsFromEnv()
	must("environment", err)
	provider, err := openstack.AuthenticatedClient(options)
	must("log in", err)
	s := story{subnet: os.Args[1], addresses: os.Args[2:]}
	s.lb, err = openstack.NewLoadBalancerV2(provider,
		gophercloud.EndpointOpts{})
	must("load balancer endpoint", err)
	s.net, err = openstack.NewNetworkV2(provider,
		gophercloud.EndpointOpts{})
	must("network endpoint", err)
	for _, step := range []func(){s.look, s.create, s.read, s.update,
		s.health, s.external, s.remove} {
		step()
	}
	fmt.Println("done")
}
