"""An update server that speaks hawkBit's DDI protocol, asked over HTTP."""
