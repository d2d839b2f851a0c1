// SPDX-License-Identifier: MIT
// consensus.c -- leader election and log replication among five nodes, with a
// planted bug.  An example of libsplit.
//
// The protocol is a small Raft (Ongaro and Ousterhout, "In search of an
// understandable consensus algorithm", USENIX ATC 2014): terms, votes, a
// leader that appends entries, commit by majority.  What a node has voted is
// supposed to survive a crash; here it does not (the bug).  So a node can vote
// twice in a term, if it crashes in between; two leaders of one term need that
// at the right moment, and a lost message or two besides.

#include <string.h>
#include "example.h"

#define NODES 5
#define LOG 32
#define MESSAGES 128
#define END 400

enum role { FOLLOWER, CANDIDATE, LEADER };
enum kind { VOTE_PLEASE, VOTE, APPEND, APPENDED };

struct entry {
    int term, value;
};

struct message {
    bool is_used;
    enum kind kind;
    int from, to, at, term;
    int index, last_term;       // of the log, before the entry
    int commit;
    bool is_yes, has_entry;
    struct entry entry;
};

struct node {
    enum role role;
    int term, voted_for;        // -1: nobody
    int n_log, commit;
    struct entry log[LOG];
    bool votes[NODES];
    int next[NODES], match[NODES];
    int deadline;
};

struct cluster {
    int now, next_value;
    int leader_of[END + 1];     // of each term, plus one; 0: none yet
    struct node node[NODES];
    struct message message[MESSAGES];
};

static void
reset_deadline(struct cluster *c, struct node *n)
{
    n->deadline = c->now + 15 + (int)split_below(15);
}

static void
send(struct cluster *c, struct message m)
{
    m.is_used = true;
    m.at = c->now + 1 + (int)split_below(3);
    if (split_chance(25)) {
        split_reachable("a message was lost");
        return;
    }
    for (int i = 0; i < MESSAGES; i++)
        if (!c->message[i].is_used) {
            c->message[i] = m;
            return;
        }
}

static int
last_term(const struct node *n)
{
    return n->n_log ? n->log[n->n_log - 1].term : 0;
}

static void
new_term(struct node *n, int term)
{
    n->term = term;
    n->role = FOLLOWER;
    n->voted_for = -1;
}

static void
stand_for_election(struct cluster *c, int i)
{
    struct node *n = &c->node[i];

    new_term(n, n->term + 1);
    n->role = CANDIDATE;
    n->voted_for = i;
    memset(n->votes, 0, sizeof(n->votes));
    n->votes[i] = true;
    reset_deadline(c, n);
    for (int to = 0; to < NODES; to++)
        if (to != i)
            send(c, (struct message){.kind = VOTE_PLEASE, .from = i, .to = to,
                                     .term = n->term, .index = n->n_log,
                                     .last_term = last_term(n)});
}

static void
become_leader(struct cluster *c, int i)
{
    struct node *n = &c->node[i];
    int *leader = &c->leader_of[n->term < END ? n->term : END];

    split_sometimes(n->term > 1, "a leader after the first");
    split_always(*leader == 0 || *leader == i + 1, "one leader per term");
    *leader = i + 1;
    n->role = LEADER;
    n->deadline = c->now;
    for (int k = 0; k < NODES; k++) {
        n->next[k] = n->n_log;
        n->match[k] = 0;
    }
}

static void
asked_for_vote(struct cluster *c, struct node *n, const struct message *m)
{
    bool is_current = m->last_term > last_term(n) ||
                      (m->last_term == last_term(n) && m->index >= n->n_log);
    bool is_yes = m->term == n->term && is_current &&
                  (n->voted_for == -1 || n->voted_for == m->from);

    split_sometimes(m->term == n->term && n->voted_for >= 0,
                    "two candidates asked for one vote");
    if (is_yes) {
        n->voted_for = m->from;
        reset_deadline(c, n);
    }
    send(c, (struct message){.kind = VOTE, .from = m->to, .to = m->from,
                             .term = n->term, .is_yes = is_yes});
}

static void
got_vote(struct cluster *c, struct node *n, const struct message *m)
{
    int count = 0;

    if (n->role != CANDIDATE || m->term != n->term || !m->is_yes)
        return;
    n->votes[m->from] = true;
    for (int i = 0; i < NODES; i++)
        count += n->votes[i];
    if (count > NODES / 2)
        become_leader(c, m->to);
}

static void
commit_up_to(struct node *n, int commit)
{
    if (commit > n->n_log)
        commit = n->n_log;
    if (commit > n->commit) {
        n->commit = commit;
        split_reachable("an entry was committed");
    }
}

static void
asked_to_append(struct cluster *c, struct node *n, const struct message *m)
{
    bool is_yes = m->term == n->term && m->index <= n->n_log &&
                  (m->index == 0 || n->log[m->index - 1].term == m->last_term);

    if (m->term == n->term) {
        n->role = FOLLOWER;
        reset_deadline(c, n);
    }
    if (is_yes && m->has_entry) {
        if (n->n_log > m->index && n->log[m->index].term != m->entry.term)
            split_reachable("a log was cut");
        n->log[m->index] = m->entry;
        n->n_log = m->index + 1;
    }
    if (is_yes)
        commit_up_to(n, m->commit);
    send(c, (struct message){.kind = APPENDED, .from = m->to, .to = m->from,
                             .term = n->term, .is_yes = is_yes,
                             .index = m->index + (is_yes && m->has_entry)});
}

static void
got_append_answer(struct node *n, const struct message *m)
{
    int count = 1;

    if (n->role != LEADER || m->term != n->term)
        return;
    if (!m->is_yes) {
        n->next[m->from] -= n->next[m->from] > 0;
        return;
    }
    n->match[m->from] = n->next[m->from] = m->index;
    for (int i = 0; i < NODES; i++)
        count += i != m->to && n->match[i] >= m->index;
    if (count > NODES / 2 && m->index > 0 &&
        n->log[m->index - 1].term == n->term)
        commit_up_to(n, m->index);
}

static void
deliver(struct cluster *c, const struct message *m)
{
    struct node *n = &c->node[m->to];

    if (m->term > n->term)
        new_term(n, m->term);
    switch (m->kind) {
    case VOTE_PLEASE:
        asked_for_vote(c, n, m);
        break;
    case VOTE:
        got_vote(c, n, m);
        break;
    case APPEND:
        asked_to_append(c, n, m);
        break;
    case APPENDED:
        got_append_answer(n, m);
        break;
    }
}

static void
lead(struct cluster *c, int i)
{
    struct node *n = &c->node[i];

    n->deadline = c->now + 5;
    if (n->n_log < LOG && split_chance(3))
        n->log[n->n_log++] = (struct entry){n->term, ++c->next_value};
    for (int to = 0; to < NODES; to++) {
        int at = n->next[to];
        struct message m = {.kind = APPEND, .from = i, .to = to,
                            .term = n->term, .index = at,
                            .commit = n->commit};

        if (to == i)
            continue;
        m.last_term = at ? n->log[at - 1].term : 0;
        m.has_entry = at < n->n_log;
        if (m.has_entry)
            m.entry = n->log[at];
        send(c, m);
    }
}

// Its term and log are on disk; its vote should be, too.
static void
crash(struct cluster *c, int i)
{
    struct node *n = &c->node[i];

    split_sometimes(n->role == LEADER, "a leader crashed");
    split_sometimes(n->voted_for >= 0 && n->role == FOLLOWER &&
                    c->node[n->voted_for].role == CANDIDATE,
                    "a voter crashed before its candidate won");
    n->role = FOLLOWER;
    n->voted_for = -1;          // the planted bug
    n->commit = 0;
    reset_deadline(c, n);
}

static void
check_logs(const struct cluster *c)
{
    for (int a = 0; a < NODES; a++)
        for (int b = 0; b < a; b++)
            for (int i = 0; i < c->node[a].commit && i < c->node[b].commit;
                 i++)
                split_always(c->node[a].log[i].value ==
                             c->node[b].log[i].value,
                             "committed entries agree");
}

static int
run(void *arg)
{
    struct cluster c;

    (void)arg;
    memset(&c, 0, sizeof(c));
    for (int i = 0; i < NODES; i++) {
        c.node[i].voted_for = -1;
        reset_deadline(&c, &c.node[i]);
    }
    for (c.now = 0; c.now < END; c.now++) {
        split_tick(1);
        for (int i = 0; i < MESSAGES; i++)
            if (c.message[i].is_used && c.message[i].at <= c.now) {
                c.message[i].is_used = false;
                deliver(&c, &c.message[i]);
            }
        for (int i = 0; i < NODES; i++) {
            struct node *n = &c.node[i];

            if (n->role == LEADER && c.now >= n->deadline)
                lead(&c, i);
            else if (c.now >= n->deadline)
                stand_for_election(&c, i);
        }
        if (split_chance(150))
            crash(&c, (int)split_below(NODES));
        check_logs(&c);
    }
    return 0;
}

int
main(int argc, char **argv)
{
    struct example e = {"consensus", "leader election and log replication, "
                        "with votes that do not survive a crash", run, NULL,
                        split_defaults()};

    e.config.max_depth = 8;
    e.config.timelines = 30;
    e.config.seeds = 200;
    e.config.energy = 20000;
    e.config.stop_after = 1;
    return example_main(argc, argv, &e);
}
