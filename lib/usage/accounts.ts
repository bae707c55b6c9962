import type { Table } from '../aws/table.ts';
import type { Clock } from '../time.ts';
import { type BudgetStore, createBudgetStore } from './budget-store.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { createSettleBudget, type SettleBudget } from './settle-budget.ts';

/** Where the money of tasks is kept; for whatever may end one. */
type Accounts = { book: Ledger; budgets: BudgetStore; settleBudget: SettleBudget };

export const openAccounts = (table: Table, now: Clock): Accounts => {
  const budgets = createBudgetStore(table, now);
  return { book: createLedger(table), budgets, settleBudget: createSettleBudget(budgets) };
};
