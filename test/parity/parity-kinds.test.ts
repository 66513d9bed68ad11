// Parity of the other kinds, custom ones among them, and of server-side apply.
import { describeSuites } from './describe-suites.ts';

describeSuites('kinds');
