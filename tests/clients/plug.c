/* SPDX-License-Identifier: MIT */
/* plug NAME HOST PORT: plugs a card of $CARDMINT_HOME into pcscd's vpcd driver, until SIGTERM. */
#include "softcard/home.h"
#include "softcard/vpcd.h"

#include <stdio.h>
#include <unistd.h>

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
    (void)number;
    stop = 1;
}

int main(int argc, char **argv)
{
    struct sigaction action = { .sa_handler = on_signal };
    struct softcard *card = NULL;
    char path[HOME_PATH_MAX];
    enum softcard_result opened;
    enum vpcd_result result;

    if (argc != 4 || !home_image_path(argv[1], path)) {
        fprintf(stderr, "usage: plug NAME HOST PORT\n");
        return 2;
    }
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    opened = softcard_open(path, &card);
    if (opened != SOFTCARD_OK) {
        fprintf(stderr, "plug: %s: %s\n", path, softcard_says(opened));
        return 1;
    }
    result = vpcd_serve(argv[2], argv[3], card, &stop, NULL);
    softcard_close(card);
    if (result == VPCD_DONE)
        return 0;
    fprintf(stderr, "plug: %s\n", vpcd_says(result));
    return 1;
}
