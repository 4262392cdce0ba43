// SPDX-License-Identifier: Apache-2.0

// What Terraform's OpenStack provider does with one plan, over the library
// that it uses, gophercloud: ten resources at a time below one load balancer,
// each write again until it is not refused with 409, each followed by a wait.
//
// Run by test_gophercloud.py.  OS_AUTH_URL says where to log in; the first
// argument is a subnet's id.
package main

import (
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/gophercloud/gophercloud"
	"github.com/gophercloud/gophercloud/openstack"
)

const parallelism = 10
const limit = 2 * time.Minute

type fields = map[string]interface{}

func must(what string, err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
		os.Exit(1)
	}
}

type plan struct {
	client *gophercloud.ServiceClient
	lb     string
}

// retry calls again what the API refuses because of another change.
func retry(what string, call func() error) {
	for end := time.Now().Add(limit); ; {
		err := call()
		if _, busy := err.(gophercloud.ErrDefault409); !busy {
			must(what, err)
			return
		}
		if time.Now().After(end) {
			must(what, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (p *plan) get(kind, path string) (fields, error) {
	var answer map[string]fields
	_, err := p.client.Get(p.client.ServiceURL("lbaas/"+path), &answer, nil)
	return answer[kind], err
}

// wait ends when an object and its load balancer are ACTIVE.
func (p *plan) wait(kind, path string) {
	for end := time.Now().Add(limit); ; {
		object, err := p.get(kind, path)
		must("GET "+path, err)
		lb, err := p.get("loadbalancer", "loadbalancers/"+p.lb)
		must("GET load balancer", err)
		if object["provisioning_status"] == "ACTIVE" &&
			lb["provisioning_status"] == "ACTIVE" {
			return
		}
		if time.Now().After(end) {
			must("wait for "+path, fmt.Errorf("%v", object))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// create returns the id of what it made below "lbaas/PATH".
func (p *plan) create(kind, path string, body fields) string {
	var answer map[string]fields
	retry("POST "+path, func() error {
		_, err := p.client.Post(p.client.ServiceURL("lbaas/"+path),
			fields{kind: body}, &answer,
			&gophercloud.RequestOpts{OkCodes: []int{201}})
		return err
	})
	id := answer[kind]["id"].(string)
	p.wait(kind, path+"/"+id)
	return id
}

func (p *plan) update(kind, path string, body fields) {
	retry("PUT "+path, func() error {
		var answer map[string]fields
		_, err := p.client.Put(p.client.ServiceURL("lbaas/"+path),
			fields{kind: body}, &answer,
			&gophercloud.RequestOpts{OkCodes: []int{200}})
		return err
	})
	p.wait(kind, path)
}

// members is the resource that holds all members of a pool.
func (p *plan) members(pool string, members []fields) {
	retry("PUT members", func() error {
		_, err := p.client.Put(
			p.client.ServiceURL("lbaas/pools/"+pool+"/members"),
			fields{"members": members}, nil,
			&gophercloud.RequestOpts{OkCodes: []int{202}})
		return err
	})
	p.wait("pool", "pools/"+pool)
}

func (p *plan) remove(path string) {
	retry("DELETE "+path, func() error {
		_, err := p.client.Delete(p.client.ServiceURL("lbaas/"+path), nil)
		return err
	})
	for end := time.Now().Add(limit); ; {
		_, err := p.get("", path)
		if _, gone := err.(gophercloud.ErrDefault404); gone {
			return
		}
		must("GET "+path, err)
		if time.Now().After(end) {
			must("DELETE "+path, fmt.Errorf("still there"))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func member(number int) fields {
	return fields{"address": fmt.Sprintf("10.1.0.%d", 100+number),
		"protocol_port": 80, "tags": []string{}, "weight": 1,
		"name": "", "admin_state_up": true, "backup": false}
}

// branch is what depends on one listener: applied, applied again with
// changes, and destroyed.
func (p *plan) branch(number int) {
	listener := p.create("listener", "listeners", fields{
		"loadbalancer_id": p.lb, "protocol": "TCP",
		"protocol_port": 1000 + number, "tags": []string{},
		"admin_state_up": true, "name": "", "description": ""})
	pool := p.create("pool", "pools", fields{
		"listener_id": listener, "protocol": "TCP",
		"lb_algorithm": "SOURCE_IP_PORT", "session_persistence": nil,
		"tags": []string{}, "admin_state_up": true})
	single := p.create("member", "pools/"+pool+"/members",
		member(number))
	monitor := p.create("healthmonitor", "healthmonitors", fields{
		"pool_id": pool, "type": "TCP", "delay": 20, "timeout": 10,
		"max_retries": 5, "tags": []string{}})

	p.update("member", "pools/"+pool+"/members/"+single,
		fields{"weight": 2})
	p.members(pool, []fields{member(number), member(number + 50)})
	p.update("healthmonitor", "healthmonitors/"+monitor,
		fields{"delay": 30})
	p.update("listener", "listeners/"+listener,
		fields{"name": fmt.Sprint(number)})

	p.members(pool, []fields{})
	p.remove("healthmonitors/" + monitor)
	p.remove("pools/" + pool)
	p.remove("listeners/" + listener)
}

func main() {
	options, err := openstack.AuthOptionsFromEnv()
	must("environment", err)
	provider, err := openstack.AuthenticatedClient(options)
	must("log in", err)
	client, err := openstack.NewLoadBalancerV2(provider,
		gophercloud.EndpointOpts{})
	must("endpoint", err)

	p := plan{client: client}
	var answer map[string]fields
	_, err = client.Post(client.ServiceURL("lbaas/loadbalancers"),
		fields{"loadbalancer": fields{"vip_subnet_id": os.Args[1],
			"tags": []string{}, "admin_state_up": true}}, &answer,
		&gophercloud.RequestOpts{OkCodes: []int{201}})
	must("POST load balancer", err)
	p.lb = answer["loadbalancer"]["id"].(string)
	p.wait("loadbalancer", "loadbalancers/"+p.lb)

	var branches sync.WaitGroup
	for number := 0; number < parallelism; number++ {
		branches.Add(1)
		go func(number int) {
			defer branches.Done()
			p.branch(number)
		}(number)
	}
	branches.Wait()
	p.remove("loadbalancers/" + p.lb)
	fmt.Println("done")
}
