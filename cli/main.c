/* SPDX-License-Identifier: MIT */
/* cardmint, the program: finds the command and runs it. */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#ifndef CARDMINT_VERSION
#error "CARDMINT_VERSION: the build tells it"
#endif

/* Takes the command's words off cli->args. A group alone, or nothing, is left for the caller. */
static void take_command(struct cli *cli)
{
    const struct command *command = NULL;
    int words = 0;

    if (cli->arg_count >= 1)
        command = find_command(NULL, cli->args[words++]);
    if (command == NULL && cli->arg_count >= 2 && find_group(cli->args[0]) != NULL)
        command = find_command(cli->args[0], cli->args[words++]);
    if (command == NULL)
        return;
    cli->command = command;
    cli->args += words;
    cli->arg_count -= words;
}

static enum exit_code show_help(const struct cli *cli)
{
    if (cli->command != NULL)
        print_command_help(stdout, cli->command);
    else if (cli->arg_count == 0)
        print_help(stdout);
    else if (cli->arg_count == 1 && find_group(cli->args[0]) != NULL)
        print_group_help(stdout, find_group(cli->args[0]));
    else
        return unknown_command(cli->args, cli->arg_count);
    return EXIT_OK;
}

static enum exit_code run(const struct cli *cli)
{
    const struct command *command = cli->command;
    enum exit_code rc;

    if (given(cli, OPT_HELP))
        return show_help(cli);
    if (given(cli, OPT_VERSION)) {
        puts("cardmint " CARDMINT_VERSION);
        return EXIT_OK;
    }
    if (cli->arg_count == 0 && command == NULL) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (command == NULL)
        return unknown_command(cli->args, cli->arg_count);
    rc = check_options(cli, command->options);
    if (rc == EXIT_OK)
        rc = check_secrets(cli);
    if (rc != EXIT_OK)
        return rc;
    if (cli->arg_count < command->least_args || cli->arg_count > command->most_args) {
        return fail(EXIT_USAGE, "%s; usage: cardmint %s%s%s%s%s [OPTIONS]",
                    cli->arg_count < command->least_args ? "an argument is lacking"
                                                         : "too many arguments",
                    command->group != NULL ? command->group : "", command->group != NULL ? " " : "",
                    command->name, command->args[0] != 0 ? " " : "", command->args);
    }
    return command->run(cli);
}

/* A standard stream that is closed would be the number of the next file that is opened, the card's
 * memory among them. It gets a file that refuses to be used. */
static void fill_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 &&
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
            _exit(EXIT_FAILED);
}

int main(int argc, char **argv)
{
    const struct rlimit no_core = { 0, 0 }; /* a core file would hold the PIN */
    struct cli cli = { 0 };
    enum exit_code rc;

    fill_standard_streams();
    setrlimit(RLIMIT_CORE, &no_core);
    rc = parse_options(argc, argv, &cli);
    text_init(&cli);
    if (rc == EXIT_OK) {
        take_command(&cli);
        rc = run(&cli);
    }
    if ((fflush(stdout) != 0 || ferror(stdout)) && rc == EXIT_OK)
        rc = fail(EXIT_FAILED, "cannot write to standard output: %s", strerror(errno));
    return (int)rc;
}
