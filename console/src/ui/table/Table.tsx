// A table with the console's looks. On a phone it stays a table, or with `isCards` each row
// becomes a card, whose cells need a `data-label`.
import type { ComponentPropsWithoutRef } from 'react';
import styles from './Table.module.css';

export interface TableProps extends Omit<ComponentPropsWithoutRef<'table'>, 'className'> {
  label: string;
  isCards?: boolean;
}

export function Table({ label, isCards, ...rest }: TableProps) {
  return (
    <table
      {...rest}
      className={styles.table}
      aria-label={label}
      data-cards={isCards ? '' : undefined}
    />
  );
}
