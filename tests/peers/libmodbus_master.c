/* A small PLC that polls the station, by libmodbus: libmodbus_master HOST PORT
 *
 * Prints "permit" once, and for each new result one line:
 *   record SEQ_A PART_ID VERDICT REASON SCORE FLAGS LATENCY SEQ_B bits DI0 .. DI6
 */
#include <modbus/modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PERMIT = 1 << 3, SCAN_US = 10000, TIMEOUT_S = 5 };

static void need(int done, const char *what)
{
    if (done >= 0)
        return;
    perror(what);
    exit(1);
}

static void show(modbus_t *wire, const uint16_t *record)
{
    uint8_t bits[7];
    need(modbus_read_input_bits(wire, 0, 7, bits), "read of discrete inputs");
    printf("record");
    for (int k = 0; k < 8; k++)
        printf(" %u", (unsigned)record[k]);
    printf(" bits");
    for (int k = 0; k < 7; k++)
        printf(" %u", (unsigned)bits[k]);
    printf("\n");
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    modbus_t *wire = modbus_new_tcp(argv[1], atoi(argv[2]));
    modbus_set_response_timeout(wire, TIMEOUT_S, 0);
    need(modbus_connect(wire), "connect");
    setvbuf(stdout, NULL, _IOLBF, 0);
    uint16_t d[96], p[20] = {1, 0, 3};
    for (int scan = 0, permitted = 0;; scan++, usleep(SCAN_US)) {
        need(modbus_read_registers(wire, 0, 96, d), "read of D");
        if (scan && d[12] != p[4])
            show(wire, d + 32 + 8 * (d[12] % 8));
        p[1]++;
        p[4] = d[12];
        p[15] = d[13];
        need(modbus_write_registers(wire, 100, 20, p), "write of P");
        if (d[4] & PERMIT && !permitted++)
            printf("permit\n");
    }
}
