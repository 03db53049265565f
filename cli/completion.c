/* SPDX-License-Identifier: MIT */
/*
 * help completion: scripts for bash and zsh, made of the tables of commands and options. Both
 * consist of the same functions, which print what may stand at a place, and of one that speaks to
 * the shell. Beside words they print FILE (any file), @FILE (such a file behind an @) and env:NAME.
 */
#include "cli/cli.h"

#include <string.h>

/* Values that are words of a closed list, where the option's row does not tell them. */
static const struct words_row {
    enum opt id;
    const char *words;
} words_rows[] = {
    { OPT_HASH, "sha256 sha384 sha512 sha1 md5 none" },
    { OPT_KDF, "hash hmac tls-prf tls12-prf sp800-56a" },
    { OPT_TYPE, "rsa:1024 rsa:2048 rsa:3072 rsa:4096 p256 p384 p521" },
    { OPT_PADDING, "pkcs1 oaep oaep-sha256 none" },
    { OPT_ACCESS, "everyone everyone-admin user user-write admin" },
    { OPT_CARD_VERSION, "4 5 6 7" },
};

/* ---- the tables as functions of the shell ---------------------------------------------------- */

static bool is_group(const struct command *c, const char *name)
{
    return name == NULL ? c->group == NULL : c->group != NULL && strcmp(c->group, name) == 0;
}

/* The commands of a group; NULL: those of one word, and the groups. */
static void print_names(const char *group)
{
    for (size_t i = 0; group == NULL && i < group_count; i++)
        printf(" %s", groups[i].name);
    for (size_t i = 0; i < command_count; i++) {
        if (is_group(&commands[i], group))
            printf(" %s", commands[i].name);
    }
}

static void print_commands(void)
{
    puts("_cardmint_commands() { # of these words\n    case $1 in");
    printf("    '') echo");
    print_names(NULL);
    puts(" ;;");
    for (size_t i = 0; i < group_count; i++) {
        printf("    '%s' | 'help %s') echo", groups[i].name, groups[i].name);
        print_names(groups[i].name);
        puts(" ;;");
    }
    printf("    help) echo exit-codes completion");
    print_names(NULL);
    puts(" ;;\n    'help completion') echo bash zsh ;;\n    esac\n}\n");
}

static void print_option_names(uint64_t set)
{
    for (int i = OPT_GLOBALS; i < OPT_COUNT; i++) {
        if (opt_in(set, i))
            printf(" --%s", opt_rows[i].name);
    }
}

static void print_command_options(void)
{
    puts("_cardmint_options() { # of a command\n    case $1 in");
    for (size_t i = 0; i < command_count; i++) {
        const struct command *c = &commands[i];

        if (c->options == 0)
            continue;
        printf("    '%s%s%s') echo", c->group != NULL ? c->group : "", c->group != NULL ? " " : "",
               c->name);
        print_option_names(c->options);
        puts(" ;;");
    }
    printf("    esac\n    echo");
    for (int i = 0; i < OPT_GLOBALS; i++)
        printf(" --%s", opt_rows[i].name);
    puts("\n}\n");
}

/* What the table calls a value, "soft|system|PATH": words in small letters are meant themselves. */
static void print_value(const char *text)
{
    while (*text != 0) {
        size_t len = strcspn(text, "|[] ");

        if (strncmp(text, "FILE", len) == 0 || strncmp(text, "PATH", len) == 0 ||
            strncmp(text, "FOLDER", len) == 0)
            printf("%s", len == 4 || len == 6 ? " FILE" : "");
        else if (strncmp(text, "@FILE", len) == 0 || strncmp(text, "env:NAME", len) == 0 ||
                 (len > 1 && strspn(text, "abcdefghijklmnopqrstuvwxyz-") == len))
            printf(" %.*s", (int)len, text);
        text += len;
        text += strspn(text, "|[] ");
    }
}

static void print_values(void)
{
    puts("_cardmint_values() { # of an option; fails when it takes none\n    case $1 in");
    for (size_t i = 0; i < OPT_COUNT; i++) {
        const struct opt_row *row = &opt_rows[i];

        if (row->value == NULL)
            continue;
        printf("    --%s", row->name);
        if (row->letter != 0)
            printf(" | -%c", row->letter);
        printf(") echo");
        print_value(row->value);
        for (size_t j = 0; j < sizeof words_rows / sizeof words_rows[0]; j++) {
            if (words_rows[j].id == (enum opt)i)
                printf(" %s", words_rows[j].words);
        }
        puts(" ;;");
    }
    puts("    *) return 1 ;;\n    esac\n}\n");
}

/* Of the arguments only the places of files are of interest. */
static void print_arguments(void)
{
    puts("_cardmint_argument() { # 'COMMAND PLACE', counted from 0\n    case $1 in");
    for (size_t i = 0; i < command_count; i++) {
        const struct command *c = &commands[i];
        const char *at = c->args;

        for (unsigned place = 0; *at != 0; place++) {
            size_t len = strcspn(at, " ");
            const char *file = strstr(at, "FILE");

            if (file != NULL && file < at + len)
                printf("    '%s%s%s %u') echo FILE ;;\n", c->group != NULL ? c->group : "",
                       c->group != NULL ? " " : "", c->name, place);
            at += len;
            at += strspn(at, " ");
        }
    }
    puts("    esac\n}\n");
}

/* ---- the rest -------------------------------------------------------------------------------- */

/* For both shells. */
static const char find_script[] =
    "# What may stand at the cursor: _cardmint_find WORD-SO-FAR WORDS-BEFORE...\n"
    "_cardmint_find() {\n"
    "    local cur=$1 verb='' place=0 option='' word\n"
    "    shift\n"
    "    for word; do\n"
    "        if [ -n \"$option\" ]; then\n"
    "            option=\n"
    "            continue\n"
    "        fi\n"
    "        case $word in\n"
    "        --*=*) ;;\n"
    "        -?*) ! _cardmint_values \"$word\" >/dev/null || option=$word ;;\n"
    "        *)\n"
    "            if [ -n \"$(_cardmint_commands \"$verb\")\" ]; then\n"
    "                verb=\"${verb:+$verb }$word\"\n"
    "            else\n"
    "                place=$((place + 1))\n"
    "            fi ;;\n"
    "        esac\n"
    "    done\n"
    "    if [ -z \"$option\" ]; then\n"
    "        case $cur in\n"
    "        --*=*) option=${cur%%=*} ;;\n"
    "        -*)\n"
    "            _cardmint_options \"$verb\"\n"
    "            return ;;\n"
    "        esac\n"
    "    fi\n"
    "    if [ -n \"$option\" ]; then\n"
    "        _cardmint_values \"$option\"\n"
    "    elif [ -n \"$(_cardmint_commands \"$verb\")\" ]; then\n"
    "        _cardmint_commands \"$verb\"\n"
    "    else\n"
    "        _cardmint_argument \"$verb $place\"\n"
    "    fi\n"
    "}\n";

static const char bash_script[] =
    "_cardmint() {\n"
    "    local line=${COMP_LINE:0:COMP_POINT} cur='' typed token\n"
    "    local -a before\n"
    "    read -ra before <<<\"$line\"\n"
    "    case $line in\n"
    "    *[[:blank:]]) ;;\n"
    "    *)\n"
    "        cur=${before[-1]}\n"
    "        unset 'before[-1]' ;;\n"
    "    esac\n"
    "    typed=$cur\n"
    "    case $cur in --*=*) typed=${cur#*=} ;; esac\n"
    "    COMPREPLY=()\n"
    "    for token in $(_cardmint_find \"$cur\" \"${before[@]:1}\"); do\n"
    "        case $token in\n"
    "        FILE) compopt -o default ;;\n"
    "        @FILE)\n"
    "            if [[ $typed == @* ]]; then\n"
    "                mapfile -t -O \"${#COMPREPLY[@]}\" COMPREPLY \\\n"
    "                    < <(compgen -f -P @ -- \"${typed#@}\")\n"
    "            fi ;;\n"
    "        env:NAME)\n"
    "            mapfile -t COMPREPLY < <(compgen -e -P env: -- \"${typed#env:}\") ;;\n"
    "        \"$typed\"*) COMPREPLY+=(\"$token\") ;;\n"
    "        esac\n"
    "    done\n"
    "    # readline replaces only what stands behind the colon\n"
    "    if [[ $typed == *:* && $COMP_WORDBREAKS == *:* ]]; then\n"
    "        COMPREPLY=(\"${COMPREPLY[@]#\"${typed%:*}:\"}\")\n"
    "    fi\n"
    "}\n"
    "complete -F _cardmint cardmint";

static const char zsh_script[] =
    "_cardmint() {\n"
    "    local cur=$PREFIX token\n"
    "    local -a before\n"
    "    before=(\"${(@)words[2,CURRENT-1]}\")\n"
    "    for token in $(_cardmint_find \"$cur\" \"${before[@]}\"); do\n"
    "        [[ $cur != --*=* ]] || compset -P '*='\n"
    "        case $token in\n"
    "        FILE) _files ;;\n"
    "        @FILE) compset -P @ && _files ;;\n"
    "        env:NAME)\n"
    "            if compset -P env:; then\n"
    "                _parameters -g '*export*'\n"
    "            else\n"
    "                compadd -S '' -- env:\n"
    "            fi ;;\n"
    "        *) compadd -- \"$token\" ;;\n"
    "        esac\n"
    "    done\n"
    "}\n"
    "if [[ $funcstack[1] == _cardmint ]]; then # loaded from $fpath\n"
    "    _cardmint \"$@\"\n"
    "else\n"
    "    compdef _cardmint cardmint\n"
    "fi";

enum exit_code print_completion(const char *shell)
{
    bool zsh = shell != NULL && strcmp(shell, "zsh") == 0;

    if (shell == NULL || (!zsh && strcmp(shell, "bash") != 0))
        return fail(EXIT_USAGE, "for which shell? `cardmint help completion bash`, or zsh");
    puts(zsh ? "#compdef cardmint" : "# shellcheck shell=bash");
    printf("# Made by `cardmint help completion %s`.\n\n", shell);
    print_commands();
    print_command_options();
    print_values();
    print_arguments();
    puts(find_script);
    puts(zsh ? zsh_script : bash_script);
    return EXIT_OK;
}
