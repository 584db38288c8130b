/* A PLC with several connections at once, by libmodbus: libmodbus_shared SCAN_MS
 *
 * Holds holding registers 0-119 and coils 0-31, listens on a free port of loopback and
 * prints "port N". Every SCAN_MS its program runs: heartbeat, echo of DEV_HEART, the session
 * of a station that asks for it and counts from our ACK_SEQ, acknowledgement of that session.
 */
#include <arpa/inet.h>
#include <modbus/modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

enum { P = 100, SYNC_REQUEST = 1 << 14 };

static long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void scan(modbus_mapping_t *map)
{
    uint16_t *d = map->tab_registers, *p = d + P;
    p[0] = 1;
    p[1]++;
    p[2] = 3;
    p[13] = d[2];
    if (d[4] & SYNC_REQUEST) {
        if (d[12] == p[4])
            p[15] = d[13];
    } else if (d[13] == p[15]) {
        p[4] = d[12];
    }
}

static void serve(modbus_t *wire, modbus_mapping_t *map, int fd, fd_set *open)
{
    uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
    modbus_set_socket(wire, fd);
    int length = modbus_receive(wire, query);
    if (length < 0 || (length > 0 && modbus_reply(wire, query, length, map) < 0)) {
        close(fd);
        FD_CLR(fd, open);
    }
}

int main(int count, char **words)
{
    long period = count > 1 ? atol(words[1]) : 10, due = now_ms();
    modbus_t *wire = modbus_new_tcp("127.0.0.1", 0);
    modbus_mapping_t *map = modbus_mapping_new(32, 16, 120, 96);
    int listener = modbus_tcp_listen(wire, 8);
    struct sockaddr_in at;
    socklen_t size = sizeof at;
    if (listener < 0 || getsockname(listener, (struct sockaddr *)&at, &size) < 0) {
        perror("listen");
        return 1;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("port %d\n", ntohs(at.sin_port));
    fd_set open, ready;
    FD_ZERO(&open);
    FD_SET(listener, &open);
    for (;;) {
        struct timeval wait = {0, 1000};
        ready = open;
        if (select(FD_SETSIZE, &ready, NULL, NULL, &wait) <= 0)
            FD_ZERO(&ready);
        for (int fd = 0; fd < FD_SETSIZE; fd++)
            if (fd != listener && FD_ISSET(fd, &ready))
                serve(wire, map, fd, &open);
        if (FD_ISSET(listener, &ready)) {
            int station = accept(listener, NULL, NULL);
            if (station >= 0)
                FD_SET(station, &open);
        }
        if (now_ms() >= due) {
            due += period;
            scan(map);
        }
    }
}
