own: mine
who: minion
