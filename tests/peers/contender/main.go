// Takes part in a leader election as Go programs do, over client-go, and does nothing as a leader but say so.
//
// Each transition is a JSON line on stdout: {"time":"...","event":"started_leading","leader":"a"}, where the event is
// started_leading, stopped_leading or new_leader. SIGTERM releases the lease. Built twice, over two releases of
// client-go (go.mod and go-0.31.mod).
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

func main() {
	kubeconfig := flag.String("kubeconfig", "", "path of the kubeconfig")
	name := flag.String("lease-name", "", "name of the Lease")
	namespace := flag.String("lease-namespace", "default", "namespace of the Lease")
	id := flag.String("id", "", "identity of this member")
	leaseDuration := flag.Duration("lease-duration", 15*time.Second, "how long a record is valid")
	renewDeadline := flag.Duration("lease-renew-deadline", 10*time.Second, "when a leader that cannot renew gives up")
	retryPeriod := flag.Duration("lease-retry-period", 2*time.Second, "pause between two requests")
	flag.Parse()

	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	exitOn(err)
	client, err := kubernetes.NewForConfig(config)
	exitOn(err)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()

	elector, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
		Lock: &resourcelock.LeaseLock{
			LeaseMeta:  metav1.ObjectMeta{Name: *name, Namespace: *namespace},
			Client:     client.CoordinationV1(),
			LockConfig: resourcelock.ResourceLockConfig{Identity: *id},
		},
		LeaseDuration:   *leaseDuration,
		RenewDeadline:   *renewDeadline,
		RetryPeriod:     *retryPeriod,
		ReleaseOnCancel: true,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(context.Context) { report("started_leading", *id) },
			OnStoppedLeading: func() { report("stopped_leading", *id) },
			OnNewLeader:      func(leader string) { report("new_leader", leader) },
		},
	})
	exitOn(err)
	for ctx.Err() == nil { // who lost the lease stands again
		elector.Run(ctx)
	}
}

func report(event, leader string) {
	line, err := json.Marshal(map[string]string{
		"time": time.Now().UTC().Format(time.RFC3339Nano), "event": event, "leader": leader,
	})
	exitOn(err)
	fmt.Println(string(line))
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
