/* A PLC that serves Modbus TCP, by libmodbus: libmodbus_server
 *
 * Holds coils 0-31, discrete inputs 0-15, holding registers 0-119, input registers 0-95.
 * Listens on a free port of loopback and prints "port N". Each read of P (FC3 at 100)
 * is a scan of its program: heartbeat, session echo, and for each new result one line
 *   record SEQ_A PART_ID VERDICT REASON SCORE FLAGS LATENCY SEQ_B bits COIL16 .. COIL22
 * and its acknowledgement with the next scan. "permit" is printed once.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <modbus/modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { P = 100, COILS_AT = 16, PERMIT = 1 << 3 };

static void show(const modbus_mapping_t *map, const uint16_t *record)
{
    printf("record");
    for (int k = 0; k < 8; k++)
        printf(" %u", (unsigned)record[k]);
    printf(" bits");
    for (int k = 0; k < 7; k++)
        printf(" %u", (unsigned)map->tab_bits[COILS_AT + k]);
    printf("\n");
}

static void scan(modbus_mapping_t *map)
{
    static int permitted;
    uint16_t *d = map->tab_registers, *p = d + P;
    p[0] = 1;
    p[1]++;
    p[2] = 3;
    if (d[12] != p[4])
        show(map, d + 32 + 8 * (d[12] % 8));
    p[4] = d[12];
    p[15] = d[13];
    if (d[4] & PERMIT && !permitted++)
        printf("permit\n");
}

static void serve(modbus_t *wire, modbus_mapping_t *map)
{
    uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
    for (;;) {
        int length = modbus_receive(wire, query);
        if (length < 0)
            return;
        if (length >= 12 && query[7] == 3 && query[8] == 0 && query[9] == P)
            scan(map);
        if (length > 0)
            modbus_reply(wire, query, length, map);
    }
}

int main(void)
{
    modbus_t *wire = modbus_new_tcp("127.0.0.1", 0);
    modbus_mapping_t *map = modbus_mapping_new(32, 16, 120, 96);
    int listener = modbus_tcp_listen(wire, 8);
    struct sockaddr_in at;
    socklen_t size = sizeof at;
    if (listener < 0 || getsockname(listener, (struct sockaddr *)&at, &size) < 0) {
        perror("listen");
        return 1;
    }
    /* After an exception libmodbus waits this long and drops what came meanwhile. */
    modbus_set_response_timeout(wire, 0, 1000);
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("port %d\n", ntohs(at.sin_port));
    while (modbus_tcp_accept(wire, &listener) >= 0) {
        serve(wire, map);
        modbus_close(wire);
    }
    return 1;
}
