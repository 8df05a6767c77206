### The demo's own page; it exists in a demo only.

demo-title = Demo: a tour
demo-lead = Luma Mobile is invented, and so are its people, shops and numbers. Everything else is the product as it is: three months of top-ups were made through the same steps that yours will take.
demo-doors = Open doors
demo-doors-lead = Each opens in the place of somebody who uses it; you need not sign in.
demo-door-zh = 官网（中文）
demo-door-en = Website (English)
demo-door-subscriber = My account, as 林悦 (Lin Yue)
demo-door-counter = A shop’s counter, as its owner
demo-door-clerk = Back office, as a clerk
demo-door-supervisor = Back office, as a supervisor
demo-door-simulator = The phone, the mailbox and the world outside
demo-door-docs = For developers

demo-stories = Stories of two minutes
demo-stories-lead = The last step of each says where to look: nothing is lost, and the page tells where the money is.
demo-begin = Begin
demo-chinese = Buy in Chinese
demo-chinese-1 = Type this number:
demo-chinese-2 = Choose an amount, look at the price, and pay by card.
demo-chinese-3 = On the payment page use this card, and press “Approve” on the bank’s page if it comes:
demo-chinese-4 = Read the text message on the phone, and open the receipt.
demo-paypal = PayPal answers nothing
demo-paypal-1 = Choose an amount for this number:
demo-paypal-2 = Pay with PayPal, as this person:
demo-paypal-3 = PayPal’s answer is lost, and nobody knows whether the money was taken. You come back to your order all the same.
demo-paypal-4 = It says that it asks PayPal and that you should not pay again. Within a minute it knows.
demo-network = The network refuses
demo-network-1 = The operator’s network keeps this line and will refuse it. Choose an amount:
demo-network-2 = Give any e-mail address, pay with this card, and press “Approve” on the bank’s page if it comes:
demo-network-3 = The payment is taken; then the network says no.
demo-network-4 = The refund starts by itself. The page, the text message and the mail give its reference: look at the phone and the mailbox.
demo-tabs = Two tabs pay twice
demo-tabs-1 = Choose an amount for this number and stop at the price:
demo-tabs-2 = Open the same page in a second tab. Press “Pay” in both.
demo-tabs-3 = Pay with this card, and press “Approve” on the bank’s page if it comes:
demo-tabs-4 = There is one order and one payment: the second tab finds what the first one began.
demo-counter = A sale at a counter, and a receipt that proves itself
demo-counter-1 = Make this browser the counter of a shop: pair it, choose a PIN, and open the till with some cash.
demo-counter-2 = Sell to this number and take a note. From fifty pounds on, a document is asked for.
demo-counter-3 = Scan the receipt’s code, or open its address, and see that it is genuine. Change a letter of it: it is not.
demo-counter-4 = Cut the connection or end the server between two presses, and ask what became of the sale. Count the till, close the day, and compare.
demo-counter-shops = Find a shop
demo-kill = The server dies in the middle of a payment
demo-kill-1 = Begin an order in another tab and stay on the payment page.
demo-kill-2 = Press “End the server now” here: it stops at once, without tidying up. It is started again within a second or two.
demo-kill-3 = Pay in the other tab, and come back from the payment page.
demo-kill-4 = The order is there and is credited once. Then press “Check the books”: every posting is added up again.
demo-kill-button = End the server now
demo-ended = The server was just ended, and it starts again by itself. Go on with step 3.
demo-books-button = Check the books
demo-books-true = Everything adds up: { $postings } postings, { $transfers } transfers.
demo-books-lies = { $count ->
    [one] One thing does not add up.
   *[other] { $count } things do not add up.
}
demo-more = More numbers, cards and accounts that make something happen are in docs/simulator.md and on the payment page itself.
