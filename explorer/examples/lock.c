// SPDX-License-Identifier: MIT
// lock.c -- a lock service with leases, retries, and a split brain.  An example
// of libsplit.
//
// A server grants a lock for a lease of time.  Clients ask again when an answer
// is late, and work for as long as they believe to hold the lock.  Messages are
// late or lost; a client may stand still for a while (a long garbage
// collection) between its look at the clock and its write; and the server may
// restart, when it forgets whom it granted the lock, but waits for one lease.
// The bug is the classic one: nothing checks the lease at the storage (no
// fencing token), so a client that stood still writes under a lock that is
// somebody else's by now.

#include <string.h>
#include "example.h"

#define CLIENTS 3
#define LEASE 30
#define TIMEOUT 12
#define END 300
#define MESSAGES 64

enum kind { ASK, GRANT, REFUSE, RELEASE };

struct message {
    bool is_used;
    enum kind kind;
    int client, at;             // arrives then
    int lease_end;
};

struct client {
    enum { IDLE, ASKING, WORKING } state;
    int since, lease_end;
    int paused_until;
    int work_left;
};

struct world {
    int now;
    int holder, lease_end;      // the server's view; -1: free
    int silent_until;           // after a restart
    int last_writer_epoch, epoch[CLIENTS], next_epoch;
    struct client client[CLIENTS];
    struct message message[MESSAGES];
};

static void
send(struct world *w, enum kind kind, int client, int lease_end)
{
    if (split_chance(20)) {
        split_reachable("a message was lost");
        return;
    }
    for (int i = 0; i < MESSAGES; i++) {
        struct message *m = &w->message[i];

        if (m->is_used)
            continue;
        *m = (struct message){true, kind, client,
                              w->now + 1 + (int)split_below(4), lease_end};
        if (split_chance(15)) {
            m->at += 10;
            split_reachable("a message was late");
        }
        return;
    }
}

static void
server_gets(struct world *w, const struct message *m)
{
    bool is_free = w->holder < 0 || w->now >= w->lease_end;

    if (m->kind == RELEASE) {
        if (w->holder == m->client)
            w->holder = -1;
        return;
    }
    if (w->now < w->silent_until || (!is_free && w->holder != m->client)) {
        send(w, REFUSE, m->client, 0);
        return;
    }
    if (w->holder >= 0 && w->holder != m->client)
        split_reachable("a lease ran out and went to another client");
    if (w->holder == m->client)
        split_reachable("a retry was granted again");
    w->holder = m->client;
    w->lease_end = w->now + LEASE;
    w->epoch[m->client] = ++w->next_epoch;
    send(w, GRANT, m->client, w->lease_end);
}

static void
client_gets(struct world *w, const struct message *m)
{
    struct client *c = &w->client[m->client];

    if (c->state != ASKING)
        return;                 // an answer to an older question
    if (m->kind == REFUSE) {
        c->state = IDLE;
        c->since = w->now;
        return;
    }
    c->state = WORKING;
    c->lease_end = m->lease_end;
    c->work_left = 2 + (int)split_below(3);
}

// The storage takes any write; the check is what a fencing token would be.
static void
write_storage(struct world *w, int i)
{
    bool is_stale = w->epoch[i] < w->last_writer_epoch;

    split_sometimes(w->holder != i, "a client wrote without being the holder");
    split_always(!is_stale, "no write under an older lock than the last");
    w->last_writer_epoch = w->epoch[i];
}

static void
client_works(struct world *w, int i)
{
    struct client *c = &w->client[i];

    if (w->now >= c->lease_end) {
        c->state = IDLE;
        c->since = w->now;
        return;
    }
    // It has looked at the clock; the write comes after the pause, if any.
    if (split_chance(50)) {
        c->paused_until = w->now + LEASE + 15;
        split_reachable("a client stands still with the lock");
        return;
    }
    write_storage(w, i);
    if (--c->work_left == 0) {
        send(w, RELEASE, i, 0);
        c->state = IDLE;
        c->since = w->now;
    }
}

static void
client_step(struct world *w, int i)
{
    struct client *c = &w->client[i];

    if (c->paused_until > w->now)
        return;
    if (c->paused_until == w->now) {
        write_storage(w, i);    // the write that had been waiting
        return;
    }
    switch (c->state) {
    case IDLE:
        if (split_chance(10)) {
            c->state = ASKING;
            c->since = w->now;
            send(w, ASK, i, 0);
        }
        break;
    case ASKING:
        if (w->now - c->since > TIMEOUT) {
            c->since = w->now;
            split_reachable("a client asked again");
            send(w, ASK, i, 0);
        }
        break;
    case WORKING:
        if (split_chance(3))
            client_works(w, i);
        break;
    }
}

static int
run(void *arg)
{
    struct world w;

    (void)arg;
    memset(&w, 0, sizeof(w));
    w.holder = -1;
    for (int i = 0; i < CLIENTS; i++)
        w.client[i].paused_until = -1;
    for (w.now = 0; w.now < END; w.now++) {
        split_tick(1);
        for (int i = 0; i < MESSAGES; i++) {
            struct message *m = &w.message[i];

            if (!m->is_used || m->at > w.now)
                continue;
            m->is_used = false;
            if (m->kind == ASK || m->kind == RELEASE)
                server_gets(&w, m);
            else if (w.client[m->client].paused_until < w.now)
                client_gets(&w, m);
        }
        if (split_chance(200)) {
            w.holder = -1;
            w.silent_until = w.now + LEASE;
            split_reachable("the server restarted");
        }
        for (int i = 0; i < CLIENTS; i++)
            client_step(&w, i);
    }
    return 0;
}

int
main(int argc, char **argv)
{
    struct example e = {"lock", "a lock service with leases and no fencing",
                        run, NULL, split_defaults()};

    e.config.max_depth = 8;
    e.config.timelines = 20;
    e.config.energy = 5000;
    e.config.stop_after = 1;
    return example_main(argc, argv, &e);
}
