// The door of tls-hello/: what a TLS client asks for, read before anybody answers it.
export type { ClientHello } from './client-hello.ts';
export {
  HelloReader,
  type HelloReading,
  type HelloRefusal,
  maxHelloBytes,
  maxHelloWireBytes,
} from './hello-reader.ts';
