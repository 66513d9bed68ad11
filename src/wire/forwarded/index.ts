// The door of forwarded/: client addresses and whom to believe about them.
export { clientAddress } from './client-address.ts';
export { normalizeIp } from './ip-address.ts';
export { compileTrust, parseCidr } from './trust.ts';
