// The fields of an answer of our own, after all that the route, its checks and the settings have to say of them.
import type { ResponseHead } from '../wire/http1/response-head.ts';
import { changeFields } from './compiled-route.ts';
import type { Exchange } from './exchange.ts';
import { grantedCookies } from './external-auth/auth-gate.ts';
import { replaceHsts } from './local-response.ts';

export function settleOwnFields(exchange: Exchange, answer: ResponseHead): void {
  const { route, grant, core, connection } = exchange;
  if (route !== null && route.respond !== null) {
    answer.fields = changeFields(exchange, route.respond, answer.fields, true);
  }
  if (grant !== null) answer.fields += grantedCookies(grant, answer.status);
  if (core.changeResponse !== null) core.changeResponse(exchange, answer, true);
  if (connection.isTls && route !== null) replaceHsts(answer, core.table.hstsLine);
}
