/* SPDX-License-Identifier: MIT */
/* The help on every level, made of the tables; and what a mistyped word may have meant. */
#include "cli/cli.h"

#include <string.h>

static void print_row(FILE *to, const struct command *c)
{
    char text[64];

    snprintf(text, sizeof text, "%s%s%s%s%s", c->group != NULL ? c->group : "",
             c->group != NULL ? " " : "", c->name, c->args[0] != 0 ? " " : "", c->args);
    fprintf(to, "  %-30s  %s\n", text, c->brief);
}

static void print_rows(FILE *to, const char *group)
{
    for (size_t i = 0; i < command_count; i++) {
        if (group == NULL || (commands[i].group != NULL && strcmp(commands[i].group, group) == 0))
            print_row(to, &commands[i]);
    }
}

static void print_footer(FILE *to)
{
    fputs("\nOptions of every command, before or after it:\n", to);
    print_global_options(to);
    fputs("\nExit codes: cardmint help exit-codes. Manual: man cardmint.\n", to);
}

void print_help(FILE *to)
{
    fputs("cardmint - smart cards through a minidriver, and software cards\n\n"
          "usage: cardmint COMMAND [ARGUMENTS] [OPTIONS]\n\nCommands:\n",
          to);
    print_rows(to, NULL);
    fputs("\nA PIN is asked for on the terminal, or comes from --pin-file FILE or --pin env:NAME.\n"
          "cardmint COMMAND --help tells more about a command.\n",
          to);
    print_footer(to);
}

void print_group_help(FILE *to, const struct group *group)
{
    fprintf(to, "cardmint %s - %s\n\nusage: cardmint %s COMMAND [ARGUMENTS] [OPTIONS]\n\n",
            group->name, group->brief, group->name);
    fputs("Commands:\n", to);
    print_rows(to, group->name);
    print_footer(to);
}

void print_command_help(FILE *to, const struct command *c)
{
    fprintf(to, "cardmint %s%s%s - %s\n\nusage: cardmint %s%s%s%s%s [OPTIONS]\n",
            c->group != NULL ? c->group : "", c->group != NULL ? " " : "", c->name, c->brief,
            c->group != NULL ? c->group : "", c->group != NULL ? " " : "", c->name,
            c->args[0] != 0 ? " " : "", c->args);
    if (c->more != NULL)
        fprintf(to, "\n%s\n", c->more);
    if (c->options != 0) {
        fputs("\nOptions:\n", to);
        print_options(to, c->options);
    }
    print_footer(to);
}

enum exit_code cmd_help(const struct cli *cli)
{
    const char *first = arg(cli, 0);
    const char *second = arg(cli, 1);
    const struct command *command;

    if (first == NULL) {
        print_help(stdout);
        return EXIT_OK;
    }
    if (strcmp(first, "exit-codes") == 0 && second == NULL) {
        print_exit_codes(stdout);
        return EXIT_OK;
    }
    if (strcmp(first, "completion") == 0)
        return print_completion(second);
    if (find_group(first) != NULL && second == NULL) {
        print_group_help(stdout, find_group(first));
        return EXIT_OK;
    }
    command = second == NULL ? find_command(NULL, first) : find_command(first, second);
    if (command == NULL)
        return unknown_command(cli->args, cli->arg_count);
    print_command_help(stdout, command);
    return EXIT_OK;
}

/* ---- what was meant -------------------------------------------------------------------------- */

#define WORD_MAX 32u

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;

    return least < c ? least : c;
}

/* How many letters must be changed, added or left out to make one word the other. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t a_len = strlen(a), b_len = strlen(b);
    size_t row[WORD_MAX + 1];

    if (a_len > WORD_MAX || b_len > WORD_MAX)
        return SIZE_MAX;
    for (size_t j = 0; j <= b_len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t above = row[j];

            row[j] = min3(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[b_len];
}

struct nearest nearest_init(const char *word)
{
    struct nearest n = { word, NULL, 3 }; /* two slips are a slip, three another word */

    return n;
}

void nearest_try(struct nearest *n, const char *name)
{
    size_t distance = edit_distance(n->word, name);

    if (distance < n->distance && distance < strlen(name)) {
        n->name = name;
        n->distance = distance;
    }
}

enum exit_code unknown_command(char **words, int count)
{
    const struct group *group = find_group(words[0]);
    struct nearest near = nearest_init(group != NULL && count > 1 ? words[1] : words[0]);

    if (group != NULL && count < 2)
        return fail(EXIT_USAGE, "which of them? `cardmint %s --help` lists the commands",
                    group->name);
    for (size_t i = 0; i < command_count; i++) {
        const char *of = commands[i].group;

        if (group != NULL ? of != NULL && strcmp(of, group->name) == 0 : of == NULL)
            nearest_try(&near, commands[i].name);
    }
    for (size_t i = 0; group == NULL && i < group_count; i++)
        nearest_try(&near, groups[i].name);

    if (near.name != NULL) {
        return fail(EXIT_USAGE, "unknown command `%s%s%s'; did you mean `%s%s%s'?",
                    group != NULL ? group->name : "", group != NULL ? " " : "", near.word,
                    group != NULL ? group->name : "", group != NULL ? " " : "", near.name);
    }
    return fail(EXIT_USAGE, "unknown command `%s'; `cardmint%s%s --help' lists the commands",
                near.word, group != NULL ? " " : "", group != NULL ? group->name : "");
}
