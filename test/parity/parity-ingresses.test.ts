// Parity of Ingresses, IngressClasses and their patches.
import { describeSuites } from './describe-suites.ts';

describeSuites('ingresses');
